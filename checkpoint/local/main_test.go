//go:build darwin || freebsd || linux

package local

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain doubles as the other relink process: with RELINK_LOCAL_TEST set it
// starts the server of that state folder, says so, and leaves when its standard
// input ends. At the end nothing that the tests started may be left.
func TestMain(m *testing.M) {
	if dir := os.Getenv("RELINK_LOCAL_TEST"); dir != "" {
		os.Exit(helper(dir))
	}
	if _, err := Binaries(); err != nil {
		if os.Getenv("CI") != "" {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(os.Stderr, "SKIPPING every test of checkpoint/local:", err)
		os.Exit(0)
	}
	code := m.Run()
	rest, _ := filepath.Glob("/tmp/" + prefix + "*") // the model, and what a panic left
	for _, dir := range rest {
		os.RemoveAll(dir)
	}
	if left := leftovers(); left != "" {
		fmt.Fprintf(os.Stderr, "processes left by the tests:\n%s\n", left)
		code = 1
	}
	os.Exit(code)
}

func helper(dir string) int {
	s, err := Start(context.Background(), dir)
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	if err := s.Close(); err != nil {
		fmt.Println("error", err)
		return 1
	}
	return 0
}

// prefix marks the state folders of this run, and so its processes.
var prefix = fmt.Sprintf("relink-local-%d-", os.Getpid())

// leftovers lists the processes of this run's servers, after some grace for
// those on their way out.
func leftovers() (left string) {
	for range 100 {
		out, err := exec.Command("ps", "axww", "-o", "pid=,command=").Output()
		if err != nil {
			return err.Error()
		}
		left = ""
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, prefix) {
				left += line
			}
		}
		if left == "" {
			return ""
		}
		time.Sleep(50 * time.Millisecond)
	}
	return left
}

// newState makes a state folder that any account can reach, unlike t.TempDir.
func newState(t *testing.T) string {
	t.Helper()
	dir, err := makeState()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func makeState() (string, error) {
	dir, err := os.MkdirTemp("/tmp", prefix)
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711)
}

// usedState is newState with a data folder in it, for the tests that are about
// what comes after: a copy is a tenth of the work of initdb.
func usedState(t *testing.T) string {
	t.Helper()
	from, err := model()
	if err != nil {
		t.Fatal(err)
	}
	dir := newState(t)
	if out, err := exec.Command("cp", "-Rp", filepath.Join(from, "postgres"), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

var model = sync.OnceValues(func() (string, error) {
	dir, err := makeState()
	if err != nil {
		return "", err
	}
	s, err := Start(context.Background(), dir)
	if err != nil {
		return "", err
	}
	return dir, s.Close()
})

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// query returns the one text that sql yields.
func query(t *testing.T, dsn, sql string) (string, error) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var got string
	err = conn.QueryRow(ctx, sql, pgx.QueryExecModeSimpleProtocol).Scan(&got)
	return got, err
}

// mustQuery is query for a server that has to be up.
func mustQuery(t *testing.T, dsn, sql string) string {
	t.Helper()
	got, err := query(t, dsn, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

// keep commits something that has to be there from then on.
func keep(t *testing.T, s *Server) {
	t.Helper()
	if err := s.exec(t.Context(), database, "CREATE TABLE kept AS SELECT 'kept' AS word"); err != nil {
		t.Fatal(err)
	}
}

// awaitGone waits for the server of a place to be stopped by its watcher.
func awaitGone(t *testing.T, p place) {
	t.Helper()
	for range 1000 {
		gone, err := p.gone()
		if err != nil {
			t.Fatal(err)
		}
		if gone {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the server still runs after 5 s")
}

// A peer is another process that uses the server.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// launchPeer begins another process; it may be killed before it is ready.
func launchPeer(t *testing.T, dir string) *peer {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "RELINK_LOCAL_TEST="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	u := &peer{cmd: cmd, in: in, out: bufio.NewReader(out)}
	t.Cleanup(func() { u.kill() })
	return u
}

func startPeer(t *testing.T, dir string) *peer {
	t.Helper()
	u := launchPeer(t, dir)
	if line, err := u.out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return u
}

func (u *peer) leave(t *testing.T) {
	t.Helper()
	u.in.Close()
	said, _ := io.ReadAll(u.out)
	if err := u.cmd.Wait(); err != nil {
		t.Fatalf("the other process: %v: %s", err, said)
	}
}

func (u *peer) kill() {
	u.cmd.Process.Signal(syscall.SIGKILL) // gone already: nothing to do
	u.cmd.Wait()
}

func dataOf(dir string) string { return filepath.Join(dir, "postgres", "data") }
