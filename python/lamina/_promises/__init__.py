"""The machinery behind `lamina.promises`; only `Promise` and what stands beside it there is public.

core      a Promise's state, who waits for it, what it waits for itself
jobs      one call of user Python, offered to every place where it may run
pump      the places: `result()` that runs callbacks while it waits, and event loops of our own
runtime   threads, the exit of the interpreter, fork
reports   what is told to the user: lines of calls, forgotten awaits, rejections that nobody saw
sole      the place of work that runs alone of its kind
work      the thread of a Promise, and what the work on it may ask for
"""
