package bench

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// flat is how memory is held to be: relink's peak at any number of rows.
const flat = 40 // MB

// unlimited are the settings of a run at full speed.
var unlimited = []string{"--rate", "0", "--daily-limit", "1000000000", "--quiet"}

func importing(file string, more ...string) []string {
	return append(append([]string{"import", file}, unlimited...), more...)
}

// load brings a file into the ledger and stops before the first row is sent, or
// soon after: the stop is asked for at once.
func (b *bench) load(t *testing.T, l *ledger, s *stand, file string) cost {
	t.Helper()
	return b.program.start(t, l.env(s.url), importing(file, "--max-duration", "1ns")...).wait(4)
}

// drain loads a file and then drains it, in a run of its own.
func (b *bench) drain(t *testing.T, l *ledger, s *stand, file string, rows int) (speed float64, c cost) {
	t.Helper()
	loaded := b.load(t, l, s, file)
	left := rows - s.seen().Created
	c = b.program.start(t, l.env(s.url), importing(file)...).wait(0)
	c.peak = max(c.peak, loaded.peak)
	l.books(rows)
	if saw := s.seen(); saw.Requests != rows || saw.RepeatSends != 0 {
		t.Fatalf("the service saw %+v, want %d requests", saw, rows)
	}
	return float64(left) / l.drained(), c
}

// measureDrain takes turns with the bare loop, each against an empty service, so
// that whatever else the machine does falls on both.
func measureDrain(t *testing.T, b *bench) {
	const rows, rounds = 100_000, 3
	file := writeRows(t, rows, 1)
	yard := func() float64 {
		s := b.program.serve(t)
		defer s.stop()
		speed := bare(t, s.url, rows)
		b.tell(fmt.Sprintf("bare loop: %.0f rows/s", speed))
		return speed
	}
	var ratios, speeds, yards []float64
	before := yard()
	for range rounds {
		s := b.program.serve(t)
		speed, c := b.drain(t, b.server.ledger(t), s, file, rows)
		s.stop()
		b.tell(fmt.Sprintf("relink: %.0f rows/s, %.1f µs of its CPU a row", speed, c.cpu.Seconds()/rows*1e6))
		after := yard()
		ratios, speeds, yards = append(ratios, 2*speed/(before+after)), append(speeds, speed), append(yards, after)
		before = after
	}
	b.atLeast("drain of 100,000 rows, against the bare loop", median(ratios), 0.5, "%.2f",
		fmt.Sprintf("%.0f against %.0f rows/s", median(speeds), median(yards)))
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// measureGrowth drains a thousand rows to a million, the million in two runs
// with a stop half way, and asks what happens at its edges.
func measureGrowth(t *testing.T, b *bench) {
	for _, rows := range []int{1_000, 10_000, 100_000} {
		l, s := b.server.ledger(t), b.program.serve(t)
		speed, c := b.drain(t, l, s, writeRows(t, rows, 1), rows)
		s.stop()
		b.points = append(b.points, point{rows: rows, speed: speed, memory: c.peak, bytes: float64(l.bytes()) / float64(rows)})
		if rows == 100_000 {
			b.atMost("memory at its peak, 100,000 rows", c.peak, flat, "%.0f MB", "")
		}
	}
	const rows = 1_000_000
	file := writeRows(t, rows, 1)
	l, s := b.server.ledger(t), b.program.serve(t)

	loaded := b.load(t, l, s, file)
	b.atLeast("load of 1,000,000 new rows", rows/loaded.wall.Seconds(), 100_000, "%.0f rows/s", "the whole process, from its start to its end")

	half := b.program.start(t, l.env(s.url), importing(file)...)
	for s.seen().Created < rows/2 {
		time.Sleep(20 * time.Millisecond)
	}
	half.stop()
	first := half.wait(4)

	before := s.seen()
	rest := b.program.start(t, l.env(s.url), importing(file)...)
	for s.seen().Requests == before.Requests {
		time.Sleep(5 * time.Millisecond)
	}
	resumed := time.Since(rest.began)
	second := rest.wait(0)
	b.atMost("resume half way through 1,000,000 rows, to the first request", resumed.Seconds(), 1, "%.2f s", "from the start of the process")
	speed := float64(rows-before.Created) / l.drained()
	l.books(rows)
	if saw := s.seen(); saw.Requests != rows || saw.RepeatSends != 0 {
		t.Fatalf("the service saw %+v, want each pair once", saw)
	}

	peak := max(loaded.peak, first.peak, second.peak)
	b.atMost("memory at its peak, 1,000,000 rows", peak, flat, "%.0f MB", "load, stop, resume")
	size := float64(l.bytes()) / rows
	b.atMost("ledger on disk after a full run", size, 300, "%.0f bytes a row", tables(l, rows))
	b.points = append(b.points, point{rows: rows, speed: speed, memory: peak, bytes: size})

	again := b.program.start(t, l.env(s.url), importing(file)...).wait(0)
	if saw := s.seen(); saw.Requests != rows {
		t.Fatalf("a finished file made %d requests", saw.Requests-rows)
	}
	b.atMost("a finished file of 1,000,000 rows again", again.wall.Seconds(), 2, "%.2f s", "no request")
}

// tables says where the bytes are.
func tables(l *ledger, rows int) string {
	return ask[string](l, fmt.Sprintf(`
		SELECT string_agg(format('%%s %%s', name, bytes / %d), ', ' ORDER BY bytes DESC)
		FROM (
		    SELECT relname AS name, pg_relation_size(oid) AS bytes FROM pg_class
		    WHERE relnamespace = 'relink'::regnamespace AND relkind IN ('r', 'i')
		) t WHERE bytes >= %d`, rows, rows))
}

// measureTenMillion loads what no machine's memory should notice.
func measureTenMillion(t *testing.T, b *bench) {
	const rows = 10_000_000
	file := writeRows(t, rows, 1)
	defer os.Remove(file)
	l, s := b.server.ledger(t), b.program.serve(t)
	loaded := b.load(t, l, s, file)
	b.atMost("memory at its peak, load of 10,000,000 rows", loaded.peak, flat, "%.0f MB",
		fmt.Sprintf("%.0f rows/s", rows/loaded.wall.Seconds()))
	checked := b.program.start(t, l.env(s.url), "check", file).wait(0)
	b.atMost("memory at its peak, check of 10,000,000 rows", checked.peak, flat, "%.0f MB",
		fmt.Sprintf("%.0f rows/s", rows/checked.wall.Seconds()))
}
