# Throws away what an app prints while nobody is there to see it, until somebody is: then it goes on behind itself.
# %rdi: how many struct pollfd follow, as 8 bytes, and they: the first is the socket to connect to, the others are read.
  mov (%rdi), %r12
  lea 8(%rdi), %rbx
  sub $4096, %rsp
wait:
  mov $7, %eax                  # poll(fds, count, -1)
  mov %rbx, %rdi
  mov %r12, %rsi
  mov $-1, %edx
  syscall
  mov %r12, %r13
each:
  dec %r13
  cmpw $0, 6(%rbx, %r13, 8)     # revents
  je next
  test %r13, %r13
  jz done
  xor %eax, %eax                # read(fd, stack, 4096)
  mov (%rbx, %r13, 8), %edi
  mov %rsp, %rsi
  mov $4096, %edx
  syscall
  test %rax, %rax
  jg next
  cmp $-11, %rax                # EAGAIN
  je next
  movl $-1, (%rbx, %r13, 8)     # its end
next:
  test %r13, %r13
  jnz each
  jmp wait
done:
