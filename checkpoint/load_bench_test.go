package checkpoint_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"relink/checkpoint"
	"relink/importer"
)

// BenchmarkLoad loads a million new pairs into an empty ledger, as every first
// import does, and says what a row then takes on disk.
func BenchmarkLoad(b *testing.B) {
	const rows = 1_000_000
	for b.Loop() {
		b.StopTimer()
		dsn := newDatabase(b)
		s := open(b, dsn, "https://a")
		b.StartTimer()
		if _, err := loadMany(s, rows); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		bytes := query[int64](b, dsn, `SELECT sum(pg_total_relation_size(c)) FROM unnest(ARRAY['relink.relation', 'relink.row']::regclass[]) c`)
		b.ReportMetric(float64(bytes)/rows, "disk-B/row")
		s.Close()
		b.StartTimer()
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// loadMany loads n lines that all name other pairs, with ids as the service's.
func loadMany(s *checkpoint.Store, n int) (*checkpoint.Import, error) {
	i := 0
	file := checkpoint.File{Name: "many.csv", Reading: "plain", Header: []string{"first", "second"}, Delimiter: ','}
	return s.Load(context.Background(), file, func(l *importer.Line) error {
		if i == n {
			return io.EOF
		}
		*l = pair(fmt.Sprintf("first%015d", i), fmt.Sprintf("%024x", i))
		i++
		l.Number = i + 1
		return nil
	}, func() (string, int64, error) { return fmt.Sprintf("%064x", contents.Add(1)), int64(n), nil })
}

// BenchmarkLoadMapped loads a million lines of legacy ids through a map of a
// million: what the join adds to BenchmarkLoad.
func BenchmarkLoadMapped(b *testing.B) {
	const rows = 1_000_000
	for b.Loop() {
		b.StopTimer()
		s := open(b, newDatabase(b), "https://a")
		b.StartTimer()
		i, j := 0, 0
		file := checkpoint.File{Name: "many.csv", Reading: "plain", Delimiter: ',', FirstMap: func(l *importer.Line) error {
			if i == rows {
				return io.EOF
			}
			l.Relation.First, l.Relation.Second = fmt.Sprintf("legacy-%d", (i*7919)%rows), fmt.Sprintf("first%015d", i)
			i++
			return nil
		}}
		_, err := s.Load(context.Background(), file, func(l *importer.Line) error {
			if j == rows {
				return io.EOF
			}
			*l = pair(fmt.Sprintf("legacy-%d", j), fmt.Sprintf("%024x", j))
			j++
			l.Number, l.Raw = j+1, fmt.Appendf(nil, "legacy-%d,%024x", j, j)
			return nil
		}, func() (string, int64, error) { return fmt.Sprintf("%064x", contents.Add(1)), rows, nil })
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
