//go:build unix

package chaos

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"relink/checkpoint/local"
)

var (
	long     = os.Getenv("RELINK_CHAOS") != ""
	seed     uint64
	base     string // the folder that everything of this run lies in
	binary   string // relink, built once
	database string // the shared server, over its Unix socket
)

func TestMain(m *testing.M) { os.Exit(withServer(m)) }

func withServer(m *testing.M) int {
	flag.Parse()
	if _, err := local.Binaries(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		if os.Getenv("CI") != "" {
			return 1
		}
		fmt.Fprintln(os.Stderr, "SKIPPING every test of importer/chaos: there is no Postgres")
		return 0
	}
	// These tests wait far more than they compute.
	if flag.Lookup("test.parallel").Value.String() == flag.Lookup("test.parallel").DefValue {
		_ = flag.Set("test.parallel", "6")
	}
	seed = uint64(time.Now().UnixNano())
	if text := os.Getenv("RELINK_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			fmt.Fprintln(os.Stderr, "RELINK_SEED:", err)
			return 2
		}
	}
	fmt.Printf("chaos: RELINK_SEED=%d repeats this run\n", seed)
	server, err := prepare()
	if base != "" {
		defer os.RemoveAll(base)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	database = server.DSN()
	code := m.Run()
	stopClusters()
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the shared server:", err)
		code = 1
	}
	if left := processes(base); left != "" {
		fmt.Fprintf(os.Stderr, "processes left by the tests:\n%s", left)
		code = 1
	}
	printTable(os.Stdout)
	return code
}

// prepare builds the program and starts the shared server.
func prepare() (*local.Server, error) {
	var err error
	if base, err = os.MkdirTemp("/tmp", "relink-chaos-"); err != nil {
		return nil, err
	}
	// Postgres runs as another account than root and has to reach its folder.
	if err := os.Chmod(base, 0o711); err != nil {
		return nil, err
	}
	binary = filepath.Join(base, "relink")
	if out, err := exec.Command("go", "build", "-o", binary, "relink").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building relink: %w\n%s", err, out)
	}
	return local.Start(context.Background(), filepath.Join(base, "shared"))
}

// random is a source of choices of its own for each test, from the one seed.
func random(t testing.TB) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, c := range []byte(t.Name()) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}

// processes lists those that have a text in their command line, sandboxes left
// out, after some grace for those on their way out.
func processes(text string) (left string) {
	for range 100 {
		out, err := exec.Command("ps", "axww", "-o", "pid=,command=").Output()
		if err != nil {
			return err.Error()
		}
		left = ""
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, text) && !strings.Contains(line, " sandbox --addr ") {
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

// count is how often something is done: the short form's number, or the long
// one's.
func count(short, many int) int {
	if long {
		return many
	}
	return short
}
