package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"relink/checkpoint/local"
	"relink/importer/cli"
)

// database is the Postgres that the scripts' ledgers live on.
var database string

// TestMain is the relink binary itself where a script calls it: the scripts run
// the real program in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(withDatabase{m}, map[string]func(){
		"relink": func() {
			hard, soft := cli.Signals()
			os.Exit(cli.Main(hard, soft, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// withDatabase starts one private Postgres for the whole package.
type withDatabase struct{ m *testing.M }

func (w withDatabase) Run() int {
	dir, err := os.MkdirTemp("", "relink-cli-")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a folder for the test server:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	server, err := local.Start(context.Background(), filepath.Join(dir, "state"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the test server:", err)
		return 1
	}
	defer server.Close()
	database = server.DSN()
	return w.m.Run()
}

var databases atomic.Int64

// newDatabase makes an empty database of its own for one test.
func newDatabase(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatalf("connecting to the test server: %v", err)
	}
	defer admin.Close(ctx)
	name := fmt.Sprintf("script_%d", databases.Add(1))
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("making a database: %v", err)
	}
	return database + " dbname=" + name
}

// TestScripts runs the scripts of testdata: what a person types, what comes on
// standard output and standard error, and the exit code. Each has a ledger and a
// state folder of its own. Besides testscript's commands there are
//
//	code N PROGRAM ARGS...    run it; it must exit with N
//	service ARGS...           start relink sandbox ARGS in a process of its own;
//	                          $API is its address, $RELINK_API_URL points to it
//	stats KEY VALUE           a figure of the service's /_sandbox/stats
//	post PATH                 POST to the service, such as /_sandbox/revoke?token=x
//	delete FIRST...           delete every relation of these records behind our back
//	query VALUE SQL...        one value from the ledger: what stands behind SELECT
//	rows FILE N [LOCATIONS]   write a CSV of N rows, spread over so many locations
//
// and $OPEN_HOURS and $CLOSED_HOURS, for --between.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("RELINK_STATE_DIR", filepath.Join(env.WorkDir, "state"))
			env.Setenv("RELINK_DATABASE_URL", newDatabase(env.T().(testing.TB)))
			env.Setenv("RELINK_TOKEN", "pit-secret-of-the-script")
			env.Setenv("TZ", "UTC")
			hour := func(ahead int) string { return time.Now().UTC().Add(time.Duration(ahead) * time.Hour).Format("15:04") }
			env.Setenv("OPEN_HOURS", hour(-1)+"-"+hour(2))
			env.Setenv("CLOSED_HOURS", hour(2)+"-"+hour(3))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code": codeCmd, "service": serviceCmd, "stats": statsCmd, "post": postCmd, "query": queryCmd, "rows": rowsCmd, "delete": deleteCmd,
		},
	})
}

func codeCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	ts.Logf("[exit %d]", got)
	if got != want {
		ts.Fatalf("%s exited with %d, want %d\nstdout: %sstderr: %s", args[1], got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

func serviceCmd(ts *testscript.TestScript, neg bool, args []string) {
	self, err := exec.LookPath("relink")
	if path := ts.Getenv("PATH"); path != "" {
		for _, dir := range filepath.SplitList(path) {
			if p := filepath.Join(dir, "relink"); isFile(p) {
				self, err = p, nil
				break
			}
		}
	}
	ts.Check(err)
	cmd := exec.Command(self, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), "RELINK_STATE_DIR="+ts.Getenv("RELINK_STATE_DIR"), "HOME="+ts.Getenv("HOME"))
	cmd.Dir = ts.MkAbs(".")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	ts.Setenv("API", strings.TrimSpace(address))
	ts.Setenv("RELINK_API_URL", strings.TrimSpace(address))
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func statsCmd(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: stats KEY VALUE")
	}
	client := http.Client{Timeout: 10 * time.Second}
	reply, err := client.Get(ts.Getenv("API") + "/_sandbox/stats")
	ts.Check(err)
	defer reply.Body.Close()
	var stats map[string]any
	ts.Check(json.NewDecoder(reply.Body).Decode(&stats))
	var value any = stats
	for _, key := range strings.Split(args[0], "/") {
		object, ok := value.(map[string]any)
		if !ok {
			ts.Fatalf("no %s in the stats", args[0])
		}
		value = object[key]
	}
	got := fmt.Sprint(value)
	if value == nil {
		got = "0"
	}
	if (got == args[1]) == neg {
		ts.Fatalf("%s is %s, want%s %s", args[0], got, map[bool]string{true: " not"}[neg], args[1])
	}
}

func postCmd(ts *testscript.TestScript, neg bool, args []string) {
	client := http.Client{Timeout: 10 * time.Second}
	reply, err := client.Post(ts.Getenv("API")+args[0], "application/json", strings.NewReader(strings.Join(args[1:], " ")))
	ts.Check(err)
	reply.Body.Close()
	if (reply.StatusCode < 300) == neg {
		ts.Fatalf("POST %s: %s", args[0], reply.Status)
	}
}

func queryCmd(ts *testscript.TestScript, neg bool, args []string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, ts.Getenv("RELINK_DATABASE_URL")+" search_path=relink")
	ts.Check(err)
	defer conn.Close(ctx)
	var got string
	ts.Check(conn.QueryRow(ctx, "SELECT (SELECT "+strings.Join(args[1:], " ")+")::text").Scan(&got))
	if (got == args[0]) == neg {
		ts.Fatalf("got %s", got)
	}
}

func rowsCmd(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	locations := 1
	if len(args) > 2 {
		locations, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	var b strings.Builder
	b.WriteString("locationId,associationId,firstRecordId,secondRecordId\n")
	for i := range n {
		fmt.Fprintf(&b, "loc%017d,6512a8f4c3b1d27e90f4ab17,first%015d,%020d\n", i%locations, i, i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o644))
}
