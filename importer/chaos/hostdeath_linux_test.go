package chaos

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestHostDeath: a machine that dies closes no connection, so nobody tells the
// database. Two network namespaces play the two machines: the wire between them
// is cut, and after that the run on the far one is killed. The database has to
// find out by itself, within 15 s.
func TestHostDeath(t *testing.T) {
	t.Parallel()
	if !long {
		t.Skip("a long form: RELINK_CHAOS=1")
	}
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can make network namespaces")
	}
	for _, busy := range []struct{ name, latency string }{
		{"in the middle of writing", "latency=5ms-10ms"}, // unacknowledged data: the user timeout counts
		{"between two answers", "latency=25s"},           // silence: keepalive counts
	} {
		t.Run(busy.name, func(t *testing.T) { hostDeath(t, busy.latency) })
	}
}

func hostDeath(t *testing.T, latency string) {
	near, far := fmt.Sprintf("relink-near-%d", os.Getpid()), fmt.Sprintf("relink-far-%d", os.Getpid())
	ip(t, "netns", "add", near)
	t.Cleanup(func() { ip(t, "netns", "del", near) })
	ip(t, "netns", "add", far)
	t.Cleanup(func() { ip(t, "netns", "del", far) })
	ip(t, "link", "add", "near0", "netns", near, "type", "veth", "peer", "name", "far0", "netns", far)
	for _, end := range [][3]string{{near, "near0", "10.77.0.1/30"}, {far, "far0", "10.77.0.2/30"}} {
		ip(t, "-n", end[0], "link", "set", "lo", "up")
		ip(t, "-n", end[0], "addr", "add", end[2], "dev", end[1])
		ip(t, "-n", end[0], "link", "set", end[1], "up")
	}

	// The database is on the near machine, and there for the test over a
	// proxy; the service is reached over the loopback of each.
	c, err := makeCluster("")
	if err != nil {
		t.Fatal(err)
	}
	c.host, c.in = "10.77.0.1", near
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	w := emptyWorld(t)
	w.service = w.serve("--faults", latency)
	at := strings.TrimPrefix(w.service.address, "http://")
	for _, machine := range []string{near, far} {
		var listener net.Listener
		err := inNamespace(machine, func() (err error) {
			listener, err = net.Listen("tcp", at)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		serveProxy(t, listener, at)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	own := serveProxyBy(t, listener, fmt.Sprintf("10.77.0.1:%d", c.port), func(network, address string) (conn net.Conn, err error) {
		err = inNamespace(near, func() (err error) {
			conn, err = net.Dial(network, address)
			return err
		})
		return conn, err
	})
	if err := awaitServer(own.dsn("postgres")); err != nil {
		t.Fatal(err)
	}
	w.dsn = newDatabase(t, own.dsn("postgres"))

	const workers = 4
	file := w.file("links.csv", numbered(0, 2000, 1))
	there := fmt.Sprintf("host=10.77.0.1 port=%d user=relink sslmode=disable dbname=%s", c.port, w.dsn[strings.LastIndex(w.dsn, "=")+1:])
	command := func(machine string, args ...string) *process {
		cmd := exec.Command("ip", append([]string{"netns", "exec", machine, binary, "import", "--json", "--rate", "0",
			"--workers", fmt.Sprint(workers), "--database-url", there}, append(args, file)...)...)
		return w.launch(cmd)
	}
	p := command(far)
	if latency == "latency=25s" {
		w.service.await(p, 1) // a new run begins with one request
	} else {
		w.service.await(p, 200)
	}
	ip(t, "-n", far, "link", "set", "far0", "down")
	p.kill()
	died := time.Now()
	w.kills = 1
	w.service.post("faults", "latency=1ms-5ms")
	before := w.service.idle()
	w.doubted(before.Relations-w.settled(), workers)
	if latency == "latency=25s" {
		before.Requests = w.service.stats().Requests
	}
	next := command(near, "--wait", "60s")
	w.service.await(next, before.Requests+1)
	took := time.Since(died)
	t.Logf("the host died; the next run sent its first request %.1f s later", took.Seconds())
	if took > 16*time.Second { // 15, and a little for the looks of --wait
		t.Errorf("the takeover took %v", took)
	}
	s := next.wait(0)
	t.Logf("and took %.1f s in all, after %v here", s.Seconds, time.Since(w.began).Round(time.Second))
	w.verify(end{scenario: "host death, next run within 15 s"})
}

func ip(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}
