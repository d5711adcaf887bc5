//go:build unix

package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain serves a folder, instead of testing, when the kill test asks for it.
func TestMain(m *testing.M) {
	dir := os.Getenv("SANDBOX_TEST_DIR")
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := New(Config{Dir: dir, Limit: free})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	fmt.Println(s.Serve(context.Background(), l))
}

func TestKillLosesNothingThatWasAnswered(t *testing.T) {
	dir := t.TempDir()
	answered := map[string]bool{}
	for round := range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "SANDBOX_TEST_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		addr, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		s := &stand{t: t, url: "http://" + strings.TrimSpace(addr)}
		if _, err := New(Config{Dir: dir}); err == nil {
			t.Error("a second process got the folder")
		}
		kill := time.AfterFunc(time.Duration(100+50*round)*time.Millisecond, func() { _ = cmd.Process.Kill() })
		var mu sync.Mutex
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for i := 0; ; i++ {
					first := fmt.Sprintf("r%d-%d-%d", round, worker, i)
					got := s.create("L", first, "b")
					if got.err != nil {
						return
					}
					got.want(t, 201)
					mu.Lock()
					answered[first] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		kill.Stop()
		_ = cmd.Wait() // killed, as it should be
	}
	s := mustNew(t, Config{Dir: dir})
	rows, _, err := s.store.rows(0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	for _, row := range rows {
		stored[row.first] = true
	}
	for first := range answered {
		if !stored[first] {
			t.Errorf("%s was answered and is lost", first)
		}
	}
	if extra := len(stored) - len(answered); len(answered) < 10 || extra > 3*4 || len(stored) != len(rows) {
		t.Errorf("answered %d, stored %d in %d rows: want at most one more a worker and kill", len(answered), len(stored), len(rows))
	}
}
