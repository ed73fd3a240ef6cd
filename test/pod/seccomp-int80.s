# A 32-bit program: makes a socket by socketcall(2), exits with the errno, or 0.
.code32
.globl _start
_start:
  mov $102, %eax          # socketcall
  mov $1, %ebx            # SYS_SOCKET
  mov $arguments, %ecx
  int $0x80
  neg %eax
  cmp $4096, %eax
  jb 1f
  xor %eax, %eax
1:
  mov %eax, %ebx
  mov $1, %eax            # exit
  int $0x80
arguments:
  .long 38, 5, 0          # AF_ALG, SOCK_SEQPACKET
