"""The sections of one area's report, each a finished piece of accessible HTML. A notebook's cells call these and
nothing else.

Each function takes an `AreaView` and returns `Html`. Nothing outside the release can be reached from here.
"""
