package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A line is what a contender did, each figure the median of its turns.
type line struct {
	contender
	rows                     int
	speed, bare, ratio, peak float64
}

// A table is one run.
type table struct {
	rows          int
	lines         []line
	bares, peaks  []float64 // of the bare loop, all its turns
	missing       []string
	before, after string // load of the machine
}

// turns lets a contender and the bare loop take turns; the ratio of a turn is to
// the bare loop before and after it.
func (t *table) turns(p *place, bare, c contender) error {
	n, times := t.rows, *rounds
	if c.share > 0 {
		n, times = n/c.share, 1
	}
	yard := func() (float64, error) {
		speed, peak, err := bare.once(p, t.rows)
		t.bares, t.peaks = append(t.bares, speed), append(t.peaks, peak)
		return speed, err
	}
	before, err := yard()
	if err != nil {
		return err
	}
	var speeds, bares, ratios, peaks []float64
	for range times {
		speed, peak, err := c.once(p, n)
		if err != nil {
			return err
		}
		after, err := yard()
		if err != nil {
			return err
		}
		mean := (before + after) / 2
		speeds, bares, ratios, peaks = append(speeds, speed), append(bares, mean), append(ratios, speed/mean), append(peaks, peak)
		before = after
	}
	t.lines = append(t.lines, line{contender: c, rows: n, speed: median(speeds), bare: median(bares), ratio: median(ratios), peak: median(peaks)})
	return nil
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// text is in Markdown, the fastest first.
func (t *table) text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%d cores, %s, %s, load of the machine %s before and %s after; %d in flight\n\n",
		runtime.NumCPU(), runtime.Version(), time.Now().Format(time.DateOnly), t.before, t.after, inFlight)
	fmt.Fprintln(&out, "| | rows | rows/s | bare loop beside it | ratio | memory, MB | durable |\n|---|---|---|---|---|---|---|")
	slices.SortStableFunc(t.lines, func(a, b line) int { return cmp.Compare(b.ratio, a.ratio) })
	for _, l := range t.lines {
		peak := "not told"
		if l.peak > 0 {
			peak = fmt.Sprintf("%.0f", l.peak)
		}
		fmt.Fprintf(&out, "| %s | %d | %.0f | %.0f | %.3f | %s | %s |\n", l.name, l.rows, l.speed, l.bare, l.ratio, peak, l.durable)
	}
	for _, m := range t.missing {
		fmt.Fprintf(&out, "\nNot measured: %s\n", m)
	}
	return out.String()
}
