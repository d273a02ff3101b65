package main

import "testing"

func TestAPathLiesInARootStepByStep(t *testing.T) {
	for _, one := range []struct {
		path, root, expected string
		isInside             bool
	}{
		{"/project/a/b", "file:///project", "a/b", true},
		{"/project/../project/./a", "file:///project/", "a", true},
		{"/project/../a", "file:///project", "", false},
		{"/project-sibling/a", "file:///project", "", false},
		{"/my project/a", "file:///my%20project", "a", true},
		{"/project/a", "https://project", "", false},
		{"relative", "file:///", "", false},
	} {
		if found, isInside := within(one.path, one.root); found != one.expected || isInside != one.isInside {
			t.Errorf("%s in %s: found %q, %v", one.path, one.root, found, isInside)
		}
	}
}
