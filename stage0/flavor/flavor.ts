/** How a pod's app is run: isolated, or by chroot(2) alone, as a program of the host. */
export type Flavor = 'default' | 'fly';
