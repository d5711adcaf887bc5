package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
)

// A stand is the stand-in for the service, in a process of its own.
type stand struct {
	url  string
	stop func()
}

// serve starts the stand-in, empty and without limits.
func (p *place) serve() (*stand, error) {
	cmd := p.command(nil, "sandbox", "--memory", "--addr", "127.0.0.1:0", "--rate", "0", "--daily", "0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &stand{stop: func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("starting the stand-in: %w", err)
	}
	s.url = strings.TrimSpace(address)
	return s, nil
}

// command prepares a call of relink with an environment of its own.
func (p *place) command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(p.relink, args...)
	cmd.Env = append([]string{"HOME=" + p.dir, "RELINK_STATE_DIR=" + p.dir + "/relink-state", "TZ=UTC", "RELINK_TOKEN=" + token}, env...)
	return cmd
}

// seen is what the stand-in has seen.
type seen struct {
	Requests int `json:"requests"`
	Created  int `json:"created"`
}

func (s *stand) seen() (stats seen, err error) {
	res, err := http.Get(s.url + "/_sandbox/stats")
	if err != nil {
		return stats, err
	}
	defer res.Body.Close()
	return stats, json.NewDecoder(res.Body).Decode(&stats)
}
