from adviz.transform.facts import Facts, Again
from adviz.transform.values import Container, NUMBER
from adviz.transform.reading import *
from adviz.transform.statements import *
from adviz.transform.values import *
from adviz.transform import assembling, calls
from adviz.transform.learner import learner
from adviz.transform.lines import shown
from adviz.transform.rules import written
def read(f, kinds=None):
    facts=Facts()
    of=learner(f)
    n=[a.arg for a in of.node.args.args]
    n=[a for a in n if a not in of.defaults()]
    for attempt in range(100):
        r=Reader(facts)
        scope=Scope(of,None,(),facts)
        params=[]
        for name,k in zip(n, kinds or [NUMBER]*len(n)):
            v=r.new(k,name); v.root=v; v.readonly=isinstance(k,Container) and name not in facts.cells
            params.append(v); scope.env[name]=v
        for name,u in of.defaults().items(): scope.env[name]=r.wrapped(u,name)
        r.calls.append(of.function.__code__)
        try:
            res=r.result(scope)
            fn=Function(of.name,params,r.region,res)
            out=assembling.reverse(fn,r.variables,facts,seeded=True)
            return r,fn,out,facts
        except Again: pass
    raise RuntimeError("does not settle")
def show(out):
    print("def f(%s):"%", ".join(out.arguments+out.seeds))
    for l in out.body: print("    "*l.depth+shown(l))
    print("    return", out.value, ",", [written(d) for d in out.derivatives], out.uncertain)
if __name__=="__main__":
    import sys
    from tests.zoo import PROGRAMS
    from collections import Counter
    bad=Counter()
    for p in PROGRAMS:
        if "array" in p.tags: continue
        if len(sys.argv)>1 and p.name not in sys.argv[1:]: continue
        try:
            r,fn,out,facts=read(p.function)
            if len(sys.argv)>1: show(out)
        except SyntaxError as e:
            print("REFUSED",p.name,e, "|", e.text and e.text.strip()); 
        except Exception as e:
            if len(sys.argv)>1: raise
            print("ERROR",p.name,type(e).__name__,e)
