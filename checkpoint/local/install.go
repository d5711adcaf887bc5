//go:build darwin || freebsd || linux

package local

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// installers are tried in this order; the first that is on the machine is the
// one its people use. The second command is for one major version.
var installers = []struct{ tool, any, major string }{
	{"apt-get", "SUDO apt-get update && SUDO apt-get install -y postgresql", "SUDO apt-get update && SUDO apt-get install -y postgresql-MAJOR"},
	{"dnf", "SUDO dnf install -y postgresql-server", "SUDO dnf install -y postgresqlMAJOR-server"},
	{"yum", "SUDO yum install -y postgresql-server", "SUDO yum install -y postgresqlMAJOR-server"},
	{"apk", "SUDO apk add postgresql", "SUDO apk add postgresqlMAJOR"},
	{"pacman", "SUDO pacman -S --noconfirm postgresql", "SUDO pacman -S --noconfirm postgresql"},
	{"zypper", "SUDO zypper install -y postgresql-server", "SUDO zypper install -y postgresqlMAJOR-server"},
	{"pkg", "SUDO pkg install -y postgresql17-server", "SUDO pkg install -y postgresqlMAJOR-server"},
	{"brew", "brew install postgresql@17", "brew install postgresql@MAJOR"}, // refuses sudo
}

// errMissing says in one line how to get the programs of a major version, or
// of any for 0.
func errMissing(major int) error {
	what := "the Postgres server programs (initdb, postgres) are not on this machine"
	if major != 0 {
		what = fmt.Sprintf("the Postgres %d server programs (initdb, postgres) are not on this machine", major)
	}
	how := "install them"
	if cmd := installCommand(major, os.Geteuid() == 0, exec.LookPath); cmd != "" {
		how = "install them with `" + cmd + "`"
	}
	return fmt.Errorf("%s: %s, or name a database with --database-url", what, how)
}

// installCommand is empty when no package manager is known.
func installCommand(major int, root bool, look func(string) (string, error)) string {
	sudo := "sudo "
	if root {
		sudo = ""
	}
	fill := strings.NewReplacer("SUDO ", sudo, "MAJOR", strconv.Itoa(major))
	for _, in := range installers {
		if _, err := look(in.tool); err != nil {
			continue
		}
		if major == 0 {
			return fill.Replace(in.any)
		}
		return fill.Replace(in.major)
	}
	return ""
}
