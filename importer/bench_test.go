package importer_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"relink/importer"
	"relink/importer/ledgertest"
)

// atOnce is a service and a pacer that cost nothing.
type atOnce struct{}

func (atOnce) Send(context.Context, importer.Item) (importer.Reply, error) {
	return importer.Reply{Status: 201}, nil
}
func (atOnce) Renew(context.Context, int) error { return nil }
func (atOnce) Wait(context.Context) error       { return nil }
func (atOnce) Answered(importer.Quota)          {}
func (atOnce) Unused()                          {}
func (atOnce) Hold(importer.Reply)              {}

// What the engine costs a row, with Memory's share in it.
func BenchmarkDrain(b *testing.B) {
	for _, workers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			memory := ledgertest.NewMemory()
			relations := make([]importer.Relation, b.N)
			for i := range relations {
				relations[i] = importer.Relation{Location: "loc", First: fmt.Sprint(i), Second: "b"}
			}
			memory.Load(relations...)
			lane := &importer.Lane{
				Location: "loc", Ledger: memory.Lane("loc"), Sender: atOnce{}, Pacer: atOnce{}, Success: importer.Created,
				Limits: importer.Limits{Workers: workers, Batch: 1000}, Log: slog.New(slog.DiscardHandler), Tally: &importer.Tally{},
			}
			b.ReportAllocs()
			b.ResetTimer()
			if end := importer.Run(b.Context(), b.Context(), []*importer.Lane{lane})[0]; end.Stop != importer.StopNone {
				b.Fatal(end)
			}
		})
	}
}
