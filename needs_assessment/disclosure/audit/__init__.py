"""The independent audit: what an attacker could work out from everything that was published. It shares no code with the
protection.
"""
