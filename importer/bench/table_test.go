package bench

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

var (
	measured = flag.Bool("table", false, "measure, and print the table")
	only     = flag.String("only", "", "measure only what has this in its name")
	long     = flag.Bool("long", false, "measure 10,000,000 rows too")
	plotFile = flag.String("plot", "", "draw how cost grows into this file (SVG)")
)

// A line is one line of the table.
type line struct {
	what, target, figure string
	ratio                float64 // of the figure to the target: 1 or more is met
}

// A bench is one run of the table.
type bench struct {
	program program
	server  *server
	lines   []line
	points  []point
}

// atLeast adds a figure that should reach the target.
func (b *bench) atLeast(what string, got, target float64, format, note string) {
	b.add(what, "at least", got, target, got/target, format, note)
}

// atMost adds a figure that should stay below the target.
func (b *bench) atMost(what string, got, target float64, format, note string) {
	b.add(what, "at most", got, target, target/got, format, note)
}

func (b *bench) add(what, way string, got, target, ratio float64, format, note string) {
	l := line{what: what, target: way + " " + fmt.Sprintf(format, target), figure: fmt.Sprintf(format, got), ratio: ratio}
	if note != "" {
		l.figure += " (" + note + ")"
	}
	b.lines = append(b.lines, l)
	b.tell(l.what + ": " + l.figure)
}

// tell says how far the run has got.
func (b *bench) tell(text string) { fmt.Fprintln(os.Stderr, "bench:", text) }

// TestTable measures one thing after the other and prints them as a table. A
// target that is missed is named as missed and fails nothing: on a machine that
// does other work as well, a failure would say little.
func TestTable(t *testing.T) {
	if !*measured {
		t.Skip("this takes some minutes: make bench")
	}
	before := loadOfMachine()
	b := &bench{program: build(t), server: startServer(t)}
	for _, m := range []struct {
		name    string
		measure func(*testing.T, *bench)
	}{
		{"drain", measureDrain},
		{"growth", measureGrowth},
		{"paced", measurePaced},
		{"lanes", measureLanes},
		{"ten million", measureTenMillion},
	} {
		if strings.Contains(m.name, *only) && (m.name != "ten million" || *long) {
			t.Run(m.name, func(t *testing.T) { m.measure(t, b) })
		}
	}
	fmt.Print(b.table(before, loadOfMachine()))
	if *plotFile != "" && len(b.points) > 0 {
		if err := os.WriteFile(*plotFile, plot(b.points), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// table is in Markdown, as README has it.
func (b *bench) table(before, after string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%d cores, %s, %s, load of the machine %s before and %s after\n\n",
		runtime.NumCPU(), runtime.Version(), time.Now().Format(time.DateOnly), before, after)
	fmt.Fprintln(&out, "| what | target | measured | |\n|---|---|---|---|")
	for _, l := range b.lines {
		verdict := "met"
		if l.ratio < 1 {
			verdict = fmt.Sprintf("**missed**: %.2f of it", l.ratio)
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", l.what, l.target, l.figure, verdict)
	}
	if len(b.points) > 0 {
		fmt.Fprintln(&out, "\n| rows | drained, rows/s | memory, MB | ledger, bytes a row |\n|---|---|---|---|")
		for _, p := range b.points {
			fmt.Fprintf(&out, "| %d | %.0f | %.0f | %.0f |\n", p.rows, p.speed, p.memory, p.bytes)
		}
	}
	return out.String()
}
