"""One module a peer: a class Peer(variant, threads) with versions() and prepare(workload)."""
