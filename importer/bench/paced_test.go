package bench

import (
	"fmt"
	"testing"
	"time"
)

// measurePaced runs at the service's own pace for a minute and tells what an
// hour costs: the start of the process is in it, so an hour costs less.
func measurePaced(t *testing.T, b *bench) {
	const rows = 600
	s := b.program.serve(t, "--rate", "100/10s", "--daily", "0")
	l := b.server.ledger(t)
	c := b.program.start(t, l.env(s.url), "import", writeRows(t, rows, 1), "--quiet").wait(0)
	l.books(rows)
	b.atMost("CPU of relink at 10/s", 100*c.cpu.Seconds()/c.wall.Seconds(), 1, "%.2f%% of a core",
		fmt.Sprintf("%.2f s of CPU in a run of %.0f s, the start included; %d × 429", c.cpu.Seconds(), c.wall.Seconds(), s.seen().Throttled))
}

// measureLanes runs 200 locations in one process, each at its own pace.
func measureLanes(t *testing.T, b *bench) {
	const lanes, each = 200, 400
	s := b.program.serve(t, "--rate", "100/10s", "--daily", "0")
	l := b.server.ledger(t)
	file := writeRows(t, lanes*each, lanes)
	j := b.program.start(t, l.env(s.url), "import", file, "--quiet", "--max-duration", "40s")
	// Of the lane that is furthest behind, from its first second on.
	from, begin := s.slowest(lanes), time.Now()
	for from == 0 {
		time.Sleep(100 * time.Millisecond)
		from, begin = s.slowest(lanes), time.Now()
	}
	time.Sleep(30 * time.Second)
	made, took := s.slowest(lanes)-from, time.Since(begin)
	c := j.wait(4)
	b.atLeast("200 lanes at 10/s each: the slowest one's pace", 100*float64(made)/(10*took.Seconds()), 97, "%.1f%% of 10/s",
		fmt.Sprintf("over %.0f s; %d × 429", took.Seconds(), s.seen().Throttled))
	b.atMost("200 lanes: CPU of relink", 100*c.cpu.Seconds()/c.wall.Seconds(), 100, "%.0f%% of a core", "")
	b.atMost("200 lanes: memory at its peak", c.peak, 150, "%.0f MB", "")
}

// slowest is how many pairs the lane made that has made the fewest.
func (s *stand) slowest(lanes int) int {
	s.t.Helper()
	saw := s.seen()
	if len(saw.Locations) < lanes {
		return 0
	}
	fewest := int(^uint(0) >> 1)
	for _, l := range saw.Locations {
		fewest = min(fewest, l.Relations)
	}
	return fewest
}
