// Command peers measures what others do with the same rows on the same machine:
// a load generator each in Go (vegeta) and in JavaScript (k6), a durable queue on
// Postgres (River), GNU parallel with curl, and relink itself. Each keeps 16
// calls in flight against the stand-in for the service, empty at its start and
// without limits, and each takes turns with a bare loop, so that whatever else
// the machine does falls on both. make bench-peers runs it, in
// this folder.
//
// It is a module of its own: none of what it measures enters relink's go.mod.
// A peer that cannot be had here is named with the reason, and the others are
// measured.
//
// Each contender runs in a process of its own, so that its memory is its own.
// Those written in Go are this program again, called by the contender's name.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// inFlight is how many calls each keeps going.
const inFlight = 16

var (
	as     = flag.String("as", "", "be this contender (the program calls itself so)")
	target = flag.String("url", "", "the stand-in, for -as")
	dsn    = flag.String("dsn", "", "a database of its own, for -as")
	rows   = flag.Int("rows", 20_000, "how many rows; GNU parallel gets a tenth")
	rounds = flag.Int("rounds", 3, "how many turns each; GNU parallel gets one")
	only   = flag.String("only", "", "only contenders that have this in their name")
)

func main() {
	flag.Parse()
	run := measure
	if *as != "" {
		run = contend
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// contend is what a process of this program does under a contender's name: it
// prints how many seconds the rows took.
func contend() error {
	contenders := map[string]func(url string, n int, dsn string) (seconds float64, err error){
		"bare": bare, "vegeta": attack, "river": work, "river-ahead": workAhead,
	}
	contender, known := contenders[*as]
	if !known {
		return fmt.Errorf("no contender is called %q", *as)
	}
	seconds, err := contender(*target, *rows, *dsn)
	if err != nil {
		return err
	}
	_, err = fmt.Println(seconds)
	return err
}

// A place is where the contenders are made and meet.
type place struct {
	dir    string // removed at the end
	self   string // this program
	relink string
	server *server
}

func measure() (err error) {
	before := loadOfMachine()
	dir, err := os.MkdirTemp("", "relink-peers-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { // Postgres runs under another account than root
		return err
	}
	p := &place{dir: dir, relink: filepath.Join(dir, "relink")}
	if p.self, err = os.Executable(); err != nil {
		return err
	}
	// In its own module: in this one relink could get other versions of its parts.
	build := exec.Command("go", "build", "-C", "../../..", "-trimpath", "-ldflags", "-s -w", "-o", p.relink, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building relink: %w\n%s", err, out)
	}
	if p.server, err = startServer(dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.server.Close()) }()

	t := table{rows: *rows, before: before}
	bare := self("bare loop", "no", "bare")
	for _, c := range []contender{
		relink,
		self("vegeta", "no", "vegeta"),
		k6,
		self("River, 16 workers", "yes", "river"),
		self("River, fetching 1,000 ahead", "yes", "river-ahead"),
		parallel,
	} {
		if !strings.Contains(c.name, *only) {
			continue
		}
		if c.prepare != nil {
			if err := c.prepare(p); err != nil {
				tell("%s could not be had: %v", c.name, err)
				t.missing = append(t.missing, fmt.Sprintf("%s (%v)", c.name, err))
				continue
			}
		}
		if err := t.turns(p, bare, c); err != nil {
			return err
		}
	}
	if len(t.bares) > 0 {
		speed := median(t.bares)
		t.lines = append(t.lines, line{contender: bare, rows: t.rows, speed: speed, bare: speed, ratio: 1, peak: median(t.peaks)})
	}
	t.after = loadOfMachine()
	_, err = fmt.Print(t.text())
	return err
}

// tell says how far the run has got.
func tell(format string, args ...any) { fmt.Fprintf(os.Stderr, "peers: "+format+"\n", args...) }

// loadOfMachine is the system's own figure, for the head of the table.
func loadOfMachine() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not told here"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}
