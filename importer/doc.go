// Package importer is the heart of relink: what a relation is, what can become
// of it, and the engine that sends relations to the service and writes their
// outcomes to the ledger. It imports nothing of ours; the CSV reader, the
// ledger, the client, the pacer and the reports are adapters around it.
package importer
