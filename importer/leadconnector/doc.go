// Package leadconnector speaks the service's HTTP API: the LeadConnector
// (HighLevel) API v2 for associations and relations between records.
//
// # One attempt a call
//
// Every method of [Client] makes exactly one attempt. Nothing here waits,
// retries or renews a credential: attempts are paced, counted and recorded by
// the engine, and a retry hidden in this package would pass by all three. The
// caller's context bounds the attempt; there is no other timeout on an answer.
//
// # What an error means
//
// An unsuccessful call returns an [*Error], which unwraps to an
// [importer.Class]. The classes are given by one table, in classify.go, where
// all of the service's texts stand. What the table does not know is
// [importer.Doubt], unless it is certain that no byte of the request left this
// machine: then it is [importer.Unsent].
//
// The status line decides. A 2xx whose body is empty, broken or no JSON is
// still a success: the service has written the relation.
//
// # Secrets
//
// A [Token] never prints itself, and no message, error or reply of this package
// holds one: an echo of it in an answer is replaced by "[token]". Plain HTTP is
// refused but for loopback addresses ([ParseBase]), a redirect is never
// followed to another host ([NewHTTP]), and a file of secrets that others may
// read is not read at all ([OpenTokenFile], [OpenTokensCSV], [OpenCredentials]).
//
// # Grants
//
// An OAuth access token lasts a day and is renewed by a refresh token that is
// good for one exchange. [Credentials] keeps both in a file, and this order is
// its law, under a lock that all processes share:
//
//	lock ─► read the file again ─► note "renewing" ─► exchange ─► new pair ─► unlock, use it
//	        (another process may     on disk           one POST    on disk
//	        have renewed it)
//
// A process that dies before the exchange loses nothing. One that dies after it
// and before the new pair is on disk loses the grant, which only a person can
// renew: the note stays and the next refusal says so; one that was written beside its
// place already is found there. A disk that refuses the new
// pair is asked again for as long as the run waits for the service.
//
// # Where the facts come from
//
// The marks in comments: D the vendor's own documents; S somebody outside
// states that they saw it; C public client code relies on it; I inferred.
package leadconnector
