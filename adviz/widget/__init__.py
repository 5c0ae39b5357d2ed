"""The explorer: the live widget. Imported only when `adviz.explore` is used, for it brings anywidget with it."""
