//go:build unix

package chaos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"relink/checkpoint/local"
)

// A cluster is a Postgres of the tests' own that listens on TCP, to be
// stopped, starved and cut off.
type cluster struct {
	dir  string // data
	host string
	port int
	cmd  *exec.Cmd
	in   string // the network namespace it runs in, if any
}

// newCluster starts one that is stopped at the end of the test. dir is its data
// folder, empty for one of its own.
func newCluster(t testing.TB, dir string) *cluster {
	t.Helper()
	c, err := makeCluster(dir)
	if err == nil {
		err = c.start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	return c
}

// overTCP is a cluster that the tests share which do not harm it.
var overTCP = sync.OnceValues(func() (*cluster, error) {
	c, err := makeCluster("")
	if err != nil {
		return nil, err
	}
	shared = c
	return c, c.start()
})

var shared *cluster

func stopClusters() {
	if shared != nil {
		shared.stop()
	}
}

func makeCluster(dir string) (*cluster, error) {
	from, err := template()
	if err != nil {
		return nil, err
	}
	if dir == "" {
		if dir, err = os.MkdirTemp(base, "cluster"); err != nil {
			return nil, err
		}
	}
	dir = filepath.Join(dir, "data")
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		return nil, err
	}
	if out, err := exec.Command("cp", "-Rp", from, dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("copying a data folder: %w: %s", err, out)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	return &cluster{dir: dir, host: "127.0.0.1", port: listener.Addr().(*net.TCPAddr).Port}, nil
}

// template is a data folder to be copied: a tenth of the work of initdb.
var template = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(base, "template")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	if who := account(); who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return "", err
		}
	}
	cmd, err := program("initdb", "--no-sync", "-A", "trust", "-U", "relink", "-D", dir, "-E", "UTF8", "--locale", "C")
	if err != nil {
		return "", err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	// The two machines of TestHostDeath.
	access, err := os.OpenFile(filepath.Join(dir, "pg_hba.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	_, err = access.WriteString("host all all 10.77.0.0/30 trust\n")
	return dir, errors.Join(err, access.Close())
})

// account is whom Postgres runs as where we are root, which it refuses.
func account() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return nil
}

func program(name string, args ...string) (*exec.Cmd, error) {
	bin, err := local.Binaries()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(bin, name), args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: account()}
	return cmd, nil
}

func (c *cluster) dsn() string {
	return fmt.Sprintf("host=%s port=%d user=relink sslmode=disable connect_timeout=5 dbname=postgres", c.host, c.port)
}

// start brings it up, or up again. Nothing of the machine is tested here, so it
// need not sync.
func (c *cluster) start() error {
	var err error
	c.cmd, err = program("postgres", "-D", c.dir, "-p", strconv.Itoa(c.port), "-k", "", "-c", "listen_addresses="+c.host,
		"-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=50", "-c", "min_wal_size=32MB")
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(base, "postgres.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	c.cmd.Stdout, c.cmd.Stderr = log, log
	if c.in != "" {
		err = inNamespace(c.in, c.cmd.Start)
	} else {
		err = c.cmd.Start()
	}
	if err != nil || c.in != "" {
		return err
	}
	return awaitServer(c.dsn())
}

// awaitServer waits until a server answers.
func awaitServer(dsn string) error {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			conn.Close(ctx)
			cancel()
			return nil
		}
		cancel()
		if time.Since(began) > 30*time.Second {
			text, _ := os.ReadFile(filepath.Join(base, "postgres.log"))
			return fmt.Errorf("the test's Postgres does not come up: %w\n%s", err, tail(string(text)))
		}
	}
}

// stop stops it fast.
func (c *cluster) stop() { c.halt(syscall.SIGINT) }

// halt ends it: SIGINT is fast, SIGQUIT immediate, as after a crash.
func (c *cluster) halt(how syscall.Signal) {
	if c.cmd == nil {
		return
	}
	_ = c.cmd.Process.Signal(how)
	_ = c.cmd.Wait()
	c.cmd = nil
}
