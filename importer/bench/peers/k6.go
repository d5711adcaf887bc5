package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// k6Version is built from source, into a folder that is removed.
const k6Version = "go.k6.io/k6@v1.8.1"

//go:embed k6.js
var k6Script []byte

var k6 = contender{name: "k6", durable: "no", prepare: installK6, calls: runK6}

func installK6(p *place) error {
	if err := os.WriteFile(filepath.Join(p.dir, "k6.js"), k6Script, 0o644); err != nil {
		return err
	}
	tell("building %s; the first time takes some minutes", k6Version)
	install := exec.Command("go", "install", k6Version)
	install.Env = append(os.Environ(), "GOBIN="+p.dir, "GOFLAGS=")
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("go install %s: %w: %s", k6Version, err, bytes.TrimSpace(out))
	}
	return nil
}

func runK6(p *place, url string, n int) (seconds, peak float64, err error) {
	cmd := exec.Command(filepath.Join(p.dir, "k6"), "run", "--quiet", "--no-usage-report", "--log-output=none", filepath.Join(p.dir, "k6.js"))
	cmd.Env = append(os.Environ(), "HOME="+p.dir, "K6_ADDRESS=127.0.0.1:0",
		"URL="+endpoint(url), "TOKEN="+token, fmt.Sprint("ROWS=", n), fmt.Sprint("IN_FLIGHT=", inFlight))
	out, peak, err := watched(cmd)
	if err != nil {
		return 0, 0, err
	}
	var said struct {
		Rate float64 `json:"rate"` // of the run itself, without the start
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		return 0, 0, fmt.Errorf("reading %q: %w", out, err)
	}
	return float64(n) / said.Rate, peak, nil
}
