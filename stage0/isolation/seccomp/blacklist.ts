/**
 * rkt's and Docker's blacklist, what the default whitelist left out in 2016, and behind it the calls that came since and
 * do the same: the mount API of Linux 5.2, handles on other processes, quotas by descriptor, 64-bit time.
 */
export const DEFAULT_BLACKLIST: readonly string[] = `
  acct add_key adjtimex bpf clock_adjtime clock_settime create_module delete_module finit_module get_kernel_syms
  get_mempolicy init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount move_pages
  name_to_handle_at nfsservctl open_by_handle_at perf_event_open pivot_root process_vm_readv process_vm_writev ptrace
  query_module quotactl reboot request_key set_mempolicy setns settimeofday stime swapoff swapon sysfs _sysctl umount
  umount2 unshare uselib userfaultfd ustat vm86 vm86old

  clock_adjtime64 clock_settime64 fsconfig fsmount fsopen fspick io_uring_enter io_uring_register io_uring_setup
  mount_setattr move_mount open_tree pidfd_getfd process_madvise quotactl_fd set_mempolicy_home_node
`
  .trim()
  .split(/\s+/);
