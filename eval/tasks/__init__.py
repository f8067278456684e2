"""The benchmarks: what is asked, how a reply is scored, which settings are whose."""
