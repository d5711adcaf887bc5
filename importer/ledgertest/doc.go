// Package ledgertest holds what proves a ledger: one conformance suite that
// every implementation of importer.Ledger has to pass (Run), and an in-memory
// store (Memory) that passes it and fails on demand, in both ways: failed and
// not applied, failed but applied.
//
// An implementation's test gives Run a function that makes a Store; the suite
// needs nothing else. Load puts relations in, Lane starts a run, Kill takes a
// run's connection away as kill -9 would, States tells what the ledger says.
package ledgertest
