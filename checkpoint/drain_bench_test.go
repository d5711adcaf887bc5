package checkpoint_test

import (
	"context"
	"fmt"
	"testing"

	"relink/checkpoint"
	"relink/importer"
)

// What a row costs to claim and to settle, by the size of the batch. One is a
// slow lane's settlement: a commit each.
func BenchmarkClaim(b *testing.B) {
	drained(b, func(b *testing.B, l *checkpoint.Lane, size int) {
		for left := b.N; left > 0; left -= size {
			if got := claim(b, l, min(size, left)); len(got) == 0 {
				b.Fatalf("nothing to claim with %d rows left", left)
			}
		}
	})
}

func BenchmarkSettle(b *testing.B) {
	drained(b, func(b *testing.B, l *checkpoint.Lane, size int) {
		for left := b.N; left > 0; left -= size {
			b.StopTimer()
			outcomes := make([]importer.Outcome, 0, size)
			for _, item := range claim(b, l, min(size, left)) {
				o := outcome(item, importer.Created)
				o.RelationID = fmt.Sprintf("%024x", item.ID)
				outcomes = append(outcomes, o)
			}
			b.StartTimer()
			settle(b, l, outcomes...)
		}
	})
}

// drained runs f on a ledger of b.N pairs.
func drained(b *testing.B, f func(b *testing.B, l *checkpoint.Lane, size int)) {
	for _, size := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b, newDatabase(b), "https://a")
			lines := make([]importer.Line, b.N)
			for i := range lines {
				lines[i] = pair(fmt.Sprintf("first%019d", i), fmt.Sprintf("%024x", i*7919))
			}
			l := lane(b, s, load(b, s, lines...))
			b.ReportAllocs()
			b.ResetTimer()
			f(b, l, size)
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			if err := l.Close(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
	}
}
