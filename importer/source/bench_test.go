package source

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"relink/importer"
)

// sampleFile is a file of n rows with ids of 20 characters.
func sampleFile(n int, extra, quote bool) []byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	rng := rand.New(rand.NewPCG(1, 2))
	id := func() string {
		var b [20]byte
		for i := range b {
			b[i] = letters[rng.IntN(len(letters))]
		}
		return string(b[:])
	}
	var out bytes.Buffer
	out.WriteString("locationId,associationId,firstRecordId,secondRecordId")
	if extra {
		out.WriteString(",note")
	}
	out.WriteString("\n")
	location, association := id(), id()
	for i := range n {
		row := []string{location, association, id(), id()}
		if extra {
			row = append(row, fmt.Sprintf("Zoë, row %d", i))
			row[4] = `"` + row[4] + `"`
		}
		if quote {
			for i := range 4 {
				row[i] = `"` + row[i] + `"`
			}
		}
		out.WriteString(strings.Join(row, ",") + "\n")
	}
	return out.Bytes()
}

func readBare(t testing.TB, file []byte) int {
	r := csv.NewReader(bytes.NewReader(file))
	r.ReuseRecord = true
	rows := 0
	for {
		if _, err := r.Read(); err == io.EOF {
			return rows - 1
		} else if err != nil {
			t.Fatal(err)
		}
		rows++
	}
}

func readOurs(t testing.TB, src io.Reader, o Options) (pairs, rejected int) {
	r, err := New("test.csv", src, o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var line importer.Line
	for {
		if err := r.Next(&line); err == io.EOF {
			return pairs, rejected
		} else if err != nil {
			t.Fatal(err)
		}
		if line.Rejected != nil {
			rejected++
		} else {
			pairs++
		}
	}
}

// BenchmarkRead times ours against bare encoding/csv in turns, so that the
// ratio holds on a noisy machine.
func BenchmarkRead(b *testing.B) {
	for _, kind := range []struct {
		name         string
		extra, quote bool
	}{{"plain", false, false}, {"quoted", false, true}, {"extra", true, false}} {
		b.Run(kind.name, func(b *testing.B) {
			const rows = 200_000
			file := sampleFile(rows, kind.extra, kind.quote)
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			var bare, ours time.Duration
			for b.Loop() {
				t := time.Now()
				readBare(b, file)
				bare += time.Since(t)
				t = time.Now()
				if pairs, _ := readOurs(b, bytes.NewReader(file), Options{}); pairs != rows {
					b.Fatalf("%d pairs", pairs)
				}
				ours += time.Since(t)
			}
			b.ReportMetric(ours.Seconds()/bare.Seconds(), "×csv")
			b.ReportMetric(float64(rows*b.N)/ours.Seconds(), "rows/s")
		})
	}
}

// BenchmarkInspect is what the warnings add.
func BenchmarkInspect(b *testing.B) {
	var in Inspector
	line := importer.Line{Number: 2, Relation: importer.Relation{Location: "ve9EPM428h8vShlRW1KT", Association: "ve9EPM428h8vShlRW1KA", First: "ve9EPM428h8vShlRW1KB", Second: "67ade73d3ef0dd8c04fbf2a0"}}
	for b.Loop() {
		in.Inspect(&line)
	}
}
