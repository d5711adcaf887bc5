// Package sandbox is a local stand-in for the LeadConnector API: rehearse an
// import on it, break it on purpose, and ask it afterwards what it saw.
//
// It is a reading of the service's documents of its own and imports nothing of
// ours. If it shared code with the client, a mistake of the client would be
// mirrored here and every test would pass.
//
// # A request
//
//	arrive ─► outage? ─► credentials ─► burst and day ─► latency, faults before
//	  │         cut/503    401, 403        429             cut, 5xx, 429, HTML
//	  │                                                      │
//	counted, whatever comes of it                    the write, in the log
//	                                                         │
//	                                  answer ◄── faults after: cut, 502 HTML,
//	                                             truncated body, slow
//
// A request that is refused for its credentials spends no quota; one that the
// limits let through spends it, even when a fault cuts it afterwards. At most
// one fault befalls a request; latency comes on top.
//
// # What is kept
//
// With Config.Dir every create and delete is written to the file relations.log
// before it is answered, so whatever the sandbox has answered survives its
// kill -9 (not a power cut: it is not synced). A torn last line, of which
// nobody has heard an answer, is cut at the next start. Grants of OAuth are kept
// in the same way. The spent part of the day is kept every two seconds and on
// Close, so it is approximate after a kill. Counters of Stats start at zero with
// each process.
//
// # What is guessed
//
// Where the service's behaviour is not known, the sandbox picks: an association
// that it has not been told of is a 404, a field that is not one of the four is
// a 422, the day turns at midnight UTC, a reversed pair is another pair, and the
// limit of 1,000 linked records is not played.
package sandbox
