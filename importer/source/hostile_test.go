package source

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"relink/importer"
)

// A generated gives text without holding it: head, then unit again and again up
// to size bytes, then tail.
type generated struct {
	head, unit, tail string
	size             int64
	given            int64
	rest             string
}

func (g *generated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if g.rest == "" {
			switch {
			case g.given == 0:
				g.rest = g.head
			case g.given < g.size:
				g.rest = g.unit
			case g.tail != "":
				g.rest, g.tail = g.tail, ""
			default:
				if n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}
			g.given += int64(len(g.rest))
		}
		c := copy(p[n:], g.rest)
		g.rest = g.rest[c:]
		n += c
	}
	return n, nil
}

const row = "ve9EPM428h8vShlRW1KT,67ade73d3ef0dd8c04fbf2a0,f1234567890123456789,s1234567890123456789\n"

// TestHostile reads what would fill the memory or take for ever if anyone kept
// it, and the row behind it.
func TestHostile(t *testing.T) {
	tests := []struct {
		name     string
		src      *generated
		pairs    int
		rejected []int // lines
		cause    importer.Cause
		says     string
	}{
		{"one line of 100 MB", &generated{head: header + row, unit: strings.Repeat("x", 1<<12), size: 100 << 20, tail: "\n" + row}, 2, []int{3}, importer.RejectTooLong, "longer than 1 MiB"},
		{"one row of 50 M columns", &generated{head: header + row, unit: strings.Repeat(",", 1<<12), size: 50 << 20, tail: "\n" + row}, 2, []int{3}, importer.RejectTooLong, "longer than 1 MiB"},
		{"900,000 columns", &generated{head: header + row + strings.Repeat(",", 900_000) + "\n", unit: row, size: 1 << 20}, 0, []int{3}, importer.RejectFields, "900001 fields"},
		{"unclosed quote before 50 MB", &generated{head: header + "\"L,A,f,s\n", unit: row, size: 50 << 20, tail: row}, 0, []int{2}, importer.RejectQuote, "a quote opens in line 2"},
		{"unclosed quote before 1 MB", &generated{head: header + row + "L,A,f,\"s\n", unit: row, size: 1 << 20, tail: row}, 0, []int{3}, importer.RejectQuote, "reach to line"},
		{"200 MB of rows", &generated{head: header, unit: strings.Repeat(row, 64), size: 200 << 20}, 0, nil, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.src.size > 100<<20 && testing.Short() {
				t.Skip("short")
			}
			r, err := New("x.csv", test.src, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var line importer.Line
			var peak uint64
			pairs, lines, last, began := 0, 0, 0, time.Now()
			for ; ; lines++ {
				if err := r.Next(&line); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				if lines%200_000 == 0 {
					peak = max(peak, heap())
				}
				last = line.Number
				if line.Rejected == nil {
					pairs++
					continue
				}
				peak = max(peak, heap())
				if len(line.Raw) > maxRaw {
					t.Errorf("%d bytes of raw", len(line.Raw))
				}
				if len(test.rejected) == 0 || line.Number != test.rejected[0] || line.Rejected.Cause != test.cause || !strings.Contains(line.Rejected.Message, test.says) {
					t.Fatalf("line %d: %+v", line.Number, line.Rejected)
				}
				test.rejected = test.rejected[1:]
			}
			if len(test.rejected) > 0 || test.pairs > 0 && pairs != test.pairs || last != lines+1 {
				t.Errorf("%d pairs, %d lines up to %d, not rejected: %v", pairs, lines, last, test.rejected)
			}
			if peak > 24<<20 {
				t.Errorf("%d MB of memory", peak>>20)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// heap is what is in use once what is not is gone.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestHostileHeader is about a header that no one can want.
func TestHostileHeader(t *testing.T) {
	for name, src := range map[string]*generated{
		"5 million columns": {head: "a", unit: ",a", size: 10 << 20},
		"unclosed":          {head: "first,\"second\n", unit: row, size: 50 << 20},
		"zeros":             {head: "\x00", unit: strings.Repeat("\x00", 1<<12), size: 50 << 20},
	} {
		_, err := New("x.csv", src, Options{})
		if _, ok := err.(*Error); !ok {
			t.Errorf("%s: %v", name, err)
		}
		if src.given > 4<<20 {
			t.Errorf("%s: read %d bytes of it", name, src.given)
		}
	}
}

// TestLimitIsSharp reads records just below and above the limit in pieces of
// different sizes: the same bytes give the same lines.
func TestLimitIsSharp(t *testing.T) {
	for _, kind := range []struct{ open, fill, shut string }{
		{"f,s,", "x", "\n"},
		{"f,s,\"", "xxxxxxxxxxxxxxx\n", "\"\n"},
		{"f,s,\"", "xxxxxxxxxxxxxxx\n", "\"x\n"},
	} {
		for _, over := range []int{-40, 40, 60 << 10} {
			fill := strings.Repeat(kind.fill, (maxRecord+over)/len(kind.fill))
			file := "first,second,note\n" + kind.open + fill + kind.shut + "f,s,\n"
			var first string
			for _, size := range []int{1 << 30, 7777} {
				lines, err := readLines(t, pieces{strings.NewReader(file), size}, Options{Location: "L", Association: "A"})
				if err != nil {
					t.Fatal(err)
				}
				var got strings.Builder
				for _, line := range lines[:min(len(lines), 3)] {
					got.WriteString(show(line) + "\n")
				}
				if first == "" {
					first = got.String()
				}
				if got.String() != first {
					t.Fatalf("%q %+d, pieces of %d:\n%swant\n%s", kind, over, size, &got, first)
				}
				if over > 0 && lines[0].Rejected == nil || over < 0 && kind.shut != "\"x\n" && lines[0].Rejected != nil {
					t.Fatalf("%q %+d: %s", kind, over, first)
				}
			}
		}
	}
}

// pieces reads at most so many bytes at a time.
type pieces struct {
	io.Reader
	size int
}

func (p pieces) Read(b []byte) (int, error) { return p.Reader.Read(b[:min(len(b), p.size)]) }
