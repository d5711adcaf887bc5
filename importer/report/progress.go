package report

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	redraw   = 200 * time.Millisecond
	measure  = time.Second
	firstLog = 10 * time.Second
	everyLog = time.Minute
)

// Progress shows how a run comes on until stop is called or ctx ends: a bar on
// a terminal, a log line a minute elsewhere, nothing if quiet. total is what
// remains to be done in this run, so that rows done before do not count as
// speed. snapshot is called from another goroutine, also while stop waits. A
// soft stop should not end ctx: calls in flight are worth watching.
//
// stop takes the bar away and returns when the goroutine has ended; it may be
// called again. Only one Progress may be shown at a time.
func (s *Screen) Progress(ctx context.Context, total int64, snapshot func() Snapshot) (stop func()) {
	if s.output.Quiet || total <= 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() {
		if s.terminal && !s.output.JSON {
			s.drawUntil(ctx, total, snapshot)
		} else {
			s.logUntil(ctx, total, snapshot)
		}
	})
	return func() {
		cancel()
		wait.Wait()
	}
}

func (s *Screen) drawUntil(ctx context.Context, total int64, snapshot func() Snapshot) {
	f := newFrame(total)
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	defer s.run(func(c *canvas) { c.clear() })
	for {
		now := snapshot()
		f.meter.add(time.Now(), now.Counts.Done())
		s.run(func(c *canvas) {
			width := c.width()
			if width <= 0 {
				width = 80
			}
			c.draw(f.lines(now, width))
		})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Screen) logUntil(ctx context.Context, total int64, snapshot func() Snapshot) {
	var m meter
	tick := time.NewTicker(measure)
	defer tick.Stop()
	next := time.Now().Add(firstLog)
	for {
		now, at := snapshot(), time.Now()
		m.add(at, now.Counts.Done())
		if !at.Before(next) {
			next = at.Add(everyLog)
			s.logProgress(ctx, total, now, &m)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// logProgress writes a sentence for people, fields for machines.
func (s *Screen) logProgress(ctx context.Context, total int64, now Snapshot, m *meter) {
	done := now.Counts.Done()
	left, known := m.left(total - done)
	if !s.output.JSON {
		text := fmt.Sprintf("%s of %s done (%s), %s", Number(done), Count(total, "row", "rows"),
			Percent(float64(done)/float64(total)), Rate(m.rate()))
		if known {
			text += ", " + Duration(left) + " left"
		}
		text += ": " + outcomes(now)
		if waits := waiting(now.Waits); waits != "" {
			text += "; " + waits
		}
		s.log.InfoContext(ctx, text)
		return
	}
	attrs := []slog.Attr{
		slog.Int64("done", done), slog.Int64("total", total), slog.Float64("rate", rounded(m.rate())),
		slog.Int64("created", now.Counts.Created), slog.Int64("existing", now.Counts.Existing),
		slog.Int64("failed", now.Counts.Failed), slog.Int64("undone", now.Counts.Undone),
		slog.Int64("throttled", now.Counts.Throttled),
	}
	if known {
		attrs = append(attrs, slog.Float64("seconds_left", rounded(left.Seconds())))
	}
	if now.Allowance >= 0 {
		attrs = append(attrs, slog.Float64("allowance", now.Allowance))
	}
	if len(now.Waits) > 0 {
		attrs = append(attrs, slog.Any("waits", now.Waits))
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "progress", attrs...)
}

// rounded keeps one digit after the point.
func rounded(x float64) float64 { return float64(int64(x*10+0.5)) / 10 }
