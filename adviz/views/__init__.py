"""Views: functions from a trace, a timeline or a document to text. They import the core; the core does not know them."""
