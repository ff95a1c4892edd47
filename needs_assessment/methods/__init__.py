"""Statistical methods: pure functions on numbers that know nothing of exploitation. See docs/methods.md."""
