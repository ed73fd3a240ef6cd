# Reads fds 0 and 1 (an app's stdout and stderr) to their ends and writes each line to fd 2, a log file, by one writev(2).
# fd 3 is the directory of the log; a file that has become too large is renamed there, and a new one made.
# %rdi: data, see stage1/compile/log-writer.ts. A line longer than the buffer is written in pieces, marked P.
# What cannot be written is lost. No signal interrupts: all are blocked.
  .equ SIZE, 0x4000             # of the buffer of each stream
  .equ LENGTH, 16               # of the file
  .equ LIMIT, 24
  .equ STREAMS, 32              # {bytes that wait, the name of the stream} for each
  .equ NAME, 64                 # addresses of the names of the file and of the one before it
  .equ OLD_NAME, 72
  .equ VECTORS, 80              # three struct iovec: header, line, end of line
  .equ TIME, 128                # struct timespec
  .equ HEADER, 144              # ssssssssss.nnnnnnnnn stdout F
  mov %rdi, %rbx
  sub $(2 * SIZE), %rsp
wait:
  mov $7, %eax                  # poll(fds, 2, -1)
  mov %rbx, %rdi
  mov $2, %esi
  mov $-1, %edx
  syscall
  xor %r12d, %r12d              # the number of the stream, and its fd
each:
  cmpw $0, 6(%rbx, %r12, 8)     # revents
  je next
  mov %r12, %r14
  shl $4, %r14
  lea STREAMS(%rbx, %r14), %r14
  mov %r12, %rbp
  shl $14, %rbp
  add %rsp, %rbp                # its buffer
  mov (%r14), %r15
  xor %eax, %eax                # read(stream, buffer + waiting, SIZE - waiting)
  mov %r12d, %edi
  lea (%rbp, %r15), %rsi
  mov $SIZE, %edx
  sub %r15, %rdx
  syscall
  mov %rax, %r13
  add %rbp, %r15                # where what waits ends
  call stamp
  test %r13, %r13
  jle ended
  add %r13, %r15
  mov %rbp, %r13                # where a line begins
line:
  mov %r13, %rdi
  mov %r15, %rcx
  sub %r13, %rcx                # what is left
  jz rest
  mov $10, %al
  repne scasb
  jne rest
  lea -1(%rdi), %rdx
  sub %r13, %rdx
  mov %rdi, %r10
  push %r10
  mov $'F', %al
  call write
  pop %r13
  jmp line
rest:                           # no end of line: it moves to the front
  mov %r15, %rcx
  sub %r13, %rcx
  cmp $SIZE, %rcx
  jb move
  mov %rcx, %rdx
  mov $'P', %al
  call write
  xor %ecx, %ecx
move:
  mov %rcx, (%r14)
  mov %r13, %rsi
  mov %rbp, %rdi
  rep movsb
next:
  inc %r12d
  cmp $2, %r12d
  jb each
  mov (%rbx), %eax              # both are closed
  and 8(%rbx), %eax
  inc %eax
  jnz wait
  mov $231, %eax                # exit_group(0)
  xor %edi, %edi
  syscall
ended:
  movl $-1, (%rbx, %r12, 8)
  mov %rbp, %r13
  mov %r15, %rdx
  sub %rbp, %rdx
  jz next
  mov $'P', %al
  call write
  jmp next
stamp:
  mov $228, %eax                # clock_gettime(CLOCK_REALTIME, time)
  xor %edi, %edi
  lea TIME(%rbx), %rsi
  syscall
  lea (HEADER + 10)(%rbx), %rdi
  mov TIME(%rbx), %rax
  call digits
  lea (HEADER + 20)(%rbx), %rdi
  mov (TIME + 8)(%rbx), %rax
  call digits
  movb $'.', (HEADER + 10)(%rbx)
  ret
digits:                         # ten of %rax before %rdi
  mov $10, %ecx
  mov %ecx, %r8d
digit:
  xor %edx, %edx
  div %r8
  add $'0', %dl
  dec %rdi
  mov %dl, (%rdi)
  dec %ecx
  jnz digit
  ret
write:                          # %rdx bytes at %r13, marked %al
  mov 8(%r14), %rcx
  mov %rcx, (HEADER + 21)(%rbx)
  mov %al, (HEADER + 28)(%rbx)
  mov %r13, (VECTORS + 16)(%rbx)
  mov %rdx, (VECTORS + 24)(%rbx)
  mov $20, %eax                 # writev(2, vectors, 3)
  mov $2, %edi
  lea VECTORS(%rbx), %rsi
  mov $3, %edx
  syscall
  test %rax, %rax
  js done
  add LENGTH(%rbx), %rax
  mov %rax, LENGTH(%rbx)
  cmp LIMIT(%rbx), %rax
  jb done
  movq $0, LENGTH(%rbx)
  mov $264, %eax                # renameat(3, name, 3, old name)
  mov $3, %edi
  mov NAME(%rbx), %rsi
  mov $3, %edx
  mov OLD_NAME(%rbx), %r10
  syscall
  mov $257, %eax                # openat(3, name, O_WRONLY|O_CREAT|O_TRUNC|O_APPEND|O_NOFOLLOW|O_CLOEXEC, 0600)
  mov $3, %edi
  mov NAME(%rbx), %rsi
  mov $0xa0641, %edx
  mov $0600, %r10d
  syscall
  test %eax, %eax
  js truncate
  push %rax
  mov %eax, %edi
  mov $2, %esi
  mov $33, %eax                 # dup2(new, 2)
  syscall
  pop %rdi
  mov $3, %eax                  # close(new)
  syscall
done:
  ret
truncate:                       # the limit holds in any case
  mov $77, %eax                 # ftruncate(2, 0)
  mov $2, %edi
  xor %esi, %esi
  syscall
  ret
