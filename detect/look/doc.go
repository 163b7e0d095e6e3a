// Package look is what only root can see: a closed set of verbs, addressed by the name of a
// site and the path of a route and by nothing else. No path, unit or address comes from who
// asks, so that an agent that was taken over can look at its own sites and at nothing more.
// [Local] answers in this process, when it runs as root.
//
// Whether nginx may connect is asked of the kernel, not computed: a thread takes on the
// identity of a *running* nginx worker (user, group, supplementary groups, which
// may be older than /etc/group) and its root directory, and connects. That covers modes,
// ACLs and every parent directory; it does not cover SELinux and AppArmor, which go by the
// program: when this says connected and nginx says 13, the cause is mac-denied.
package look
