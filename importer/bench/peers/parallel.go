package main

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// parallel is GNU parallel, which starts one curl a row.
var parallel = contender{name: "GNU parallel with curl", durable: "no", share: 10, prepare: findParallel, calls: runParallel}

// findParallel tells it from the program of that name in moreutils.
func findParallel(*place) error {
	if out, err := exec.Command("parallel", "--version").Output(); err != nil || !strings.Contains(string(out), "GNU") {
		return errors.New("GNU parallel is not installed")
	}
	if _, err := exec.LookPath("curl"); err != nil {
		return errors.New("curl is not installed")
	}
	return nil
}

func runParallel(_ *place, url string, n int) (seconds, peak float64, err error) {
	args := []string{"--will-cite", "--halt", "now,fail=1", "-j", strconv.Itoa(inFlight), "-q", "curl", "-sf", "-o", "/dev/null"}
	for name, values := range header() {
		args = append(args, "-H", name+": "+values[0])
	}
	cmd := exec.Command("parallel", append(args, "--data-raw", "{}", endpoint(url))...)
	var lines strings.Builder
	for i := range n {
		lines.WriteString(rowAt(i).body() + "\n")
	}
	cmd.Stdin = strings.NewReader(lines.String())
	began := time.Now()
	// Its memory is not told: that of the curls would be missing.
	_, _, err = watched(cmd)
	return time.Since(began).Seconds(), 0, err
}
