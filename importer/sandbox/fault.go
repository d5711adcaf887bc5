package sandbox

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Faults are what goes wrong. The probabilities (0 to 1) exclude each other and
// add up to at most 1; latency comes on top of them. ParseFaults tells their
// names on a command line, which JSON shares.
type Faults struct {
	// Before the write: nothing has happened.
	CutBefore   float64 // the connection ends without an answer
	ServerError float64 // a 500 or 503 in JSON
	HTMLBefore  float64 // a 502 in HTML
	Throttle    float64 // a 429 although there is allowance

	// After the write: it is there, but the client does not hear so.
	CutAfter  float64 // the connection ends without an answer
	HTMLAfter float64 // a 502 in HTML
	Truncate  float64 // the true answer ends in the middle
	Slow      float64 // the true answer comes after SlowFor

	SlowFor       time.Duration
	ThrottleFor   time.Duration // in the Retry-After of such a 429; 0: none
	ThrottleDate  bool          // and as a date
	LatencyMin    time.Duration // of every request, before the write
	LatencyMax    time.Duration
	OutageFrom    int  // the first and last request, counted from 1, of an outage
	OutageTo      int  // in which every connection is cut
	OutageAnswers bool // or answered by 503

	RevokeAfter int           // requests after which a token is refused; 0: never
	ReadLag     time.Duration // lists do not show relations younger than this
}

// fault is what befalls one request.
type fault int

const (
	faultNone fault = iota
	faultCutBefore
	faultServerError
	faultHTMLBefore
	faultThrottle
	faultCutAfter
	faultHTMLAfter
	faultTruncate
	faultSlow
	faultOutage
	faultCount
)

var faultNames = [faultCount]string{"none", "cut-before", "5xx", "html-before", "429", "cut-after",
	"html-after", "truncate", "slow", "outage"}

// odds are the probabilities in the order of the constants.
func (f Faults) odds() [faultSlow + 1]float64 {
	return [...]float64{0, f.CutBefore, f.ServerError, f.HTMLBefore, f.Throttle,
		f.CutAfter, f.HTMLAfter, f.Truncate, f.Slow}
}

func (f Faults) check() error {
	sum := 0.0
	for i, p := range f.odds() {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("fault %s: probability %v: want 0 to 1", faultNames[i], p)
		}
		sum += p
	}
	switch {
	case sum > 1+1e-9:
		return fmt.Errorf("faults add up to %.4g%%: want at most 100%%", 100*sum)
	case f.Slow > 0 && f.SlowFor <= 0:
		return fmt.Errorf("fault slow: want how slow, as in slow=1%%:5s")
	case f.LatencyMin < 0 || f.LatencyMax < f.LatencyMin:
		return fmt.Errorf("latency %v to %v: want 0 or more, the lower one first", f.LatencyMin, f.LatencyMax)
	case f.OutageFrom < 0 || f.OutageTo < f.OutageFrom:
		return fmt.Errorf("outage from %d to %d: want the first request and the last", f.OutageFrom, f.OutageTo)
	case f.SlowFor < 0 || f.ThrottleFor < 0 || f.RevokeAfter < 0 || f.ReadLag < 0:
		return fmt.Errorf("faults: a length of time or a count is negative")
	}
	return nil
}

// dice decide what befalls each request. The same seed and the same order of
// requests give the same faults.
type dice struct {
	mu     sync.Mutex
	seed   uint64
	rng    *rand.Rand
	faults Faults
	outage time.Time // until when one lasts that was asked for
	answer bool      // and whether it is a 503
	count  int       // requests seen
}

// stroke is the lot of one request.
type stroke struct {
	fault   fault
	latency time.Duration
	answer  bool // an outage with a 503
	coin    bool // a 503 rather than a 500
	set     Faults
}

func newDice(f Faults, seed uint64) *dice {
	d := &dice{seed: seed}
	d.reset(f)
	return d
}

func (d *dice) reset(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rng = rand.New(rand.NewPCG(d.seed, 1))
	d.faults, d.outage, d.answer, d.count = f, time.Time{}, false, 0
}

func (d *dice) set(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = f
}

func (d *dice) get() Faults {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.faults
}

// breakFor begins an outage now.
func (d *dice) breakFor(length time.Duration, answer bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outage, d.answer = time.Now().Add(length), answer
}

func (d *dice) roll() stroke {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count++
	f := d.faults
	s := stroke{set: f}
	switch {
	case !d.outage.IsZero() && time.Now().Before(d.outage):
		s.fault, s.answer = faultOutage, d.answer
		return s
	case f.OutageFrom > 0 && d.count >= f.OutageFrom && d.count <= f.OutageTo:
		s.fault, s.answer = faultOutage, f.OutageAnswers
		return s
	}
	s.latency = f.LatencyMin
	if spread := f.LatencyMax - f.LatencyMin; spread > 0 {
		s.latency += time.Duration(d.rng.Int64N(int64(spread) + 1))
	}
	s.coin = d.rng.Uint64()&1 == 1
	x := d.rng.Float64()
	for i, p := range f.odds() {
		if x < p {
			s.fault = fault(i)
			break
		}
		x -= p
	}
	return s
}
