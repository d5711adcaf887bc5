package leadconnector

import (
	"math/rand/v2"
	"time"
)

// A grant is what the service gave for one location: a token for the calls, and
// one that is good for a single exchange into the next grant.
type grant struct {
	access, refresh Token
	scope           string    // as the service names them, separated by spaces
	obtained        time.Time // before the exchange was asked for
	expires         time.Time // of the access token
	renewing        time.Time // an exchange of refresh began here and no answer is stored; zero: none
}

// good reports whether the access token has not expired.
func (g grant) good(now time.Time) bool { return now.Before(g.expires) }

// earliest is how long before its end a token is renewed at the earliest.
const earliest = 10 * time.Minute

// due is when to renew: some minutes ahead of the end, a fifth of a short life,
// and not all processes at the same moment.
func (g grant) due() time.Time {
	ahead := min(earliest, g.expires.Sub(g.obtained)/5)
	if ahead < 2 {
		return g.expires
	}
	return g.expires.Add(-ahead/2 - rand.N(ahead/2))
}
