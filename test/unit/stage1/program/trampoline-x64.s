  mov %rdi,%rbx
next:
  mov (%rbx),%rax
  mov 8(%rbx),%rdi
  mov 16(%rbx),%rsi
  mov 24(%rbx),%rdx
  mov 32(%rbx),%r10
  mov 40(%rbx),%r8
  mov 48(%rbx),%r9
  syscall
  mov %rax,72(%rbx)
  mov 56(%rbx),%rcx
  jrcxz 2f
1: mov (%rcx),%rdx
  test %rdx,%rdx
  jz 2f
  mov %rax,(%rdx)
  add $8,%rcx
  jmp 1b
2: test %rax,%rax
  js failed
  testb $2,64(%rbx)
  jz step
  test %rax,%rax
  jz step
  mov $231,%eax
  xor %edi,%edi
  syscall
failed:
  testb $1,64(%rbx)
  jz die
  movzwl 66(%rbx),%ecx
  jecxz skip
  add %eax,%ecx
  jnz die
skip:
  movzwl 68(%rbx),%ecx
  imul $80,%rcx,%rcx
  add %rcx,%rbx
step:
  add $80,%rbx
  jmp next
die:
  mov $231,%eax
  mov $127,%edi
  syscall
