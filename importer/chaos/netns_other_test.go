//go:build unix && !linux

package chaos

import "errors"

func inNamespace(string, func() error) error {
	return errors.New("there are no network namespaces on this system")
}
