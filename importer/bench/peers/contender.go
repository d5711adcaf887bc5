package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A contender makes calls, one a row.
type contender struct {
	name    string
	durable string // whether each row is on the disk before and after its call
	share   int    // it gets one row of so many, and one turn: it is slow; 0 = all
	// prepare gets what it needs; its error says why it cannot be had here.
	prepare func(*place) error
	// calls makes n rows, each once, and tells in how many seconds, preparations
	// left out, and its memory at its peak in MB, 0 where that is not told.
	calls func(p *place, url string, n int) (seconds, peak float64, err error)
}

// self is a contender that this program plays in a process of its own.
func self(name, durable, as string) contender {
	return contender{name: name, durable: durable, calls: func(p *place, url string, n int) (float64, float64, error) {
		dsn, drop, err := p.server.database()
		if err != nil {
			return 0, 0, err
		}
		defer drop()
		out, peak, err := watched(exec.Command(p.self, "-as", as, "-url", url, "-rows", strconv.Itoa(n), "-dsn", dsn))
		if err != nil {
			return 0, 0, err
		}
		seconds, err := strconv.ParseFloat(strings.TrimSpace(out), 64)
		return seconds, peak, err
	}}
}

// watched runs a command to its end and returns what it printed and its memory
// at its peak. The kernel's own figure for ended children will not do: a child
// inherits its parent's.
func watched(cmd *exec.Cmd) (out string, peak float64, err error) {
	var said, complained bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complained
	if err := cmd.Start(); err != nil {
		return "", 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	status := filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "status")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		text, _ := os.ReadFile(status)
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				kB, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
				peak = max(peak, kB/1024)
			}
		}
		select {
		case <-tick.C:
		case err := <-ended:
			if err != nil {
				return "", 0, fmt.Errorf("%s: %w\n%s%s", cmd.Path, err, &said, &complained)
			}
			return said.String(), peak, nil
		}
	}
}

// once lets a contender make n rows against an empty stand-in, which must have
// seen each of them once in the end.
func (c contender) once(p *place, n int) (speed, peak float64, err error) {
	s, err := p.serve()
	if err != nil {
		return 0, 0, err
	}
	defer s.stop()
	seconds, peak, err := c.calls(p, s.url, n)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", c.name, err)
	}
	saw, err := s.seen()
	if err != nil {
		return 0, 0, err
	}
	if saw.Requests != n || saw.Created != n {
		return 0, 0, fmt.Errorf("%s: the service saw %+v, want %d requests, each creating one", c.name, saw, n)
	}
	tell("%s: %.0f rows/s", c.name, float64(n)/seconds)
	return float64(n) / seconds, peak, nil
}
