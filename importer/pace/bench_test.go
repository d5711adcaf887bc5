package pace

import (
	"context"
	"sync"
	"testing"
	"time"

	"relink/importer"
)

func BenchmarkUnlimited(b *testing.B) {
	benchmark(b, Config{}, importer.Quota{})
}

// So many allowed that none waits: the cost of the gates.
func BenchmarkLimited(b *testing.B) {
	benchmark(b, Config{Rate: Rate{1_000_000_000, time.Second}, DailyLimit: 1 << 40}, importer.Quota{})
}

func BenchmarkHeaders(b *testing.B) {
	benchmark(b, Config{}, importer.Quota{
		Max: 1_000_000_000, Interval: time.Second, Remaining: 900_000_000, HasRemaining: true,
		DailyRemaining: 1 << 40, HasDailyRemaining: true,
	})
}

func benchmark(b *testing.B, config Config, q importer.Quota) {
	l, ctx := New(config), context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Wait(ctx); err != nil {
			b.Fatal(err)
		}
		l.Answered(q)
	}
}

// One dispatcher, answers from others, as in the engine.
func BenchmarkUnlimitedWorkers(b *testing.B) {
	l, ctx := New(Config{}), context.Background()
	work := make(chan struct{}, 64)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for range work {
				l.Answered(importer.Quota{})
			}
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Wait(ctx); err != nil {
			b.Fatal(err)
		}
		work <- struct{}{}
	}
	close(work)
	group.Wait()
}
