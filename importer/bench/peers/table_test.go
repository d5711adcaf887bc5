package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestTableText(t *testing.T) {
	measured := table{
		lines: []line{
			{contender: contender{name: "slow", durable: "no"}, rows: 200, speed: 150, bare: 30_000, ratio: .005},
			{contender: contender{name: "bare loop", durable: "no"}, rows: 2_000, speed: 30_000, bare: 30_000, ratio: 1, peak: 17},
		},
		missing: []string{"k6 (no network)"},
	}
	_, got, _ := strings.Cut(measured.text(), "|---|---|---|---|---|---|---|\n")
	const want = `| bare loop | 2000 | 30000 | 30000 | 1.000 | 17 | no |
| slow | 200 | 150 | 30000 | 0.005 | not told | no |

Not measured: k6 (no network)
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("got %v, want 5", got)
	}
}

// TestWatched: a contender that fails says so with its own words.
func TestWatched(t *testing.T) {
	out, _, err := watched(exec.Command("sh", "-c", "echo 1.5"))
	if out != "1.5\n" || err != nil {
		t.Errorf("got %q, %v, want 1.5", out, err)
	}
	_, _, err = watched(exec.Command("sh", "-c", "echo no luck >&2; exit 4"))
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) || exit.ExitCode() != 4 || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("got %v, want exit code 4 and its words", err)
	}
}
