package sandbox

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Config says how the sandbox behaves. Its zero value has the real service's
// limits, accepts every id and every token, keeps everything in memory and
// breaks nothing.
type Config struct {
	// Dir is the folder in which relations, grants and the spent part of the
	// day outlive the process. One process at a time. Empty: memory only.
	Dir string

	// Limit is what each location may spend, Limits what single ones may.
	Limit  Limit
	Limits map[string]Limit
	// Window is how the burst limit counts: WindowSliding if empty.
	Window string
	// RetryAfter is the form of that header on a 429: RetryNone if empty.
	RetryAfter string
	// Others is how many requests a second another client spends of each
	// location's allowance.
	Others float64
	// Offset moves the clock by which days end and tokens expire.
	Offset time.Duration

	// Shape is the body of a successful create: ShapeSeen if empty.
	Shape string
	// BadKey makes an unknown association key a 400 instead of a 404.
	BadKey bool
	// Associations are those that exist. None: every association id does.
	Associations []Association
	// Records tells the object of every record that exists, by record id.
	// None: every record exists and suits every association.
	Records map[string]string

	// Tokens are the accepted tokens and the locations each may reach (none
	// listed: all). Nil, with no OAuth.Grants either: every token is accepted.
	Tokens map[string][]string
	// Refusals are tokens that are refused, each with a word of RefusalKinds.
	Refusals map[string]string
	// OAuth is what /oauth/token gives out.
	OAuth OAuth

	// Faults are those at the start; Seed makes their dice repeatable.
	Faults Faults
	Seed   uint64

	// AccessLog gets a line for each request. It never sees a token.
	AccessLog io.Writer
}

// The ways in which a burst limit counts.
const (
	WindowSliding = "sliding" // requests let through in the last interval
	WindowStrict  = "strict"  // as sliding, but refused ones count as well
	WindowFixed   = "fixed"   // requests let through since the interval's last multiple
)

// The forms of Retry-After on a 429.
const (
	RetryNone    = "none"
	RetrySeconds = "seconds"
	RetryDate    = "date"
)

// The bodies of a successful create.
const (
	ShapeSeen       = "seen"       // the relation, as clients see it
	ShapeWrapped    = "wrapped"    // the same in {"relation": …}
	ShapeDocumented = "documented" // as the vendor documents it
	ShapeEmpty      = "empty"      // 201 and nothing
)

// Association is a kind of relation between two objects.
type Association struct {
	ID           string
	Key          string
	FirstObject  string // such as contact or custom_objects.pet
	SecondObject string
	Location     string // empty: known in every location
}

// withDefaults fills what is empty and refuses what makes no sense.
func (c Config) withDefaults() (Config, error) {
	c.Limit = c.Limit.or(Limit{Max: 100, Interval: 10 * time.Second, Daily: 200_000})
	if c.OAuth.Lifetime == 0 {
		c.OAuth.Lifetime = 86399 * time.Second
	}
	choices := []struct {
		what    string
		value   *string
		allowed []string
	}{
		{"window", &c.Window, []string{WindowSliding, WindowStrict, WindowFixed}},
		{"Retry-After", &c.RetryAfter, []string{RetryNone, RetrySeconds, RetryDate}},
		{"shape", &c.Shape, []string{ShapeSeen, ShapeWrapped, ShapeDocumented, ShapeEmpty}},
	}
	for _, choice := range choices {
		if err := choose(choice.value, choice.what, choice.allowed); err != nil {
			return c, err
		}
	}
	for _, kind := range c.Refusals {
		if _, ok := refusals[kind]; !ok {
			return c, fmt.Errorf("refusal %q: want one of %v", kind, RefusalKinds())
		}
	}
	if c.Others < 0 || c.Others > 1e6 {
		return c, errors.New("others: want 0 to 1,000,000 requests a second")
	}
	return c, c.Faults.check()
}

// choose sets an empty value to the first that is allowed and refuses a strange one.
func choose(value *string, what string, allowed []string) error {
	if *value == "" {
		*value = allowed[0]
	}
	for _, a := range allowed {
		if *value == a {
			return nil
		}
	}
	return fmt.Errorf("%s %q: want one of %v", what, *value, allowed)
}
