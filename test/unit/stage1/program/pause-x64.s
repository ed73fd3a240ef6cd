# pause, non-dumpable from its first instruction: prctl(PR_SET_DUMPABLE, 0), then pause() for ever
  mov $157,%eax
  mov $4,%edi
  xor %esi,%esi
  syscall
1: mov $34,%eax
  syscall
  jmp 1b
