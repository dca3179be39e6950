// Package walk is what the programs share: how they end when something is not as it must be.
package walk

import (
	"fmt"
	"os"
	"time"
)

// Must gives the value, or ends the program with the problem.
func Must[T any](value T, problem error) T {
	if problem != nil {
		fmt.Fprintln(os.Stderr, problem)
		os.Exit(1)
	}
	return value
}

// Until waits until it holds, or ends the program.
func Until(what string, holds func() bool) {
	for deadline := time.Now().Add(25 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			fmt.Fprintln(os.Stderr, "in vain:", what)
			os.Exit(1)
		}
	}
}
